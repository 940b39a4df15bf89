/** A spec in place of those that need a server which is not installed: it fails in CI, and says elsewhere what was not tested. */
export function notTested(name: string, server: string, packageName: string): void {
  const missing = `NOT TESTED: ${name}; ${server} is not installed (apt-get install ${packageName})`;
  it(missing, () => {
    if (process.env['CI'] !== undefined) throw new Error(missing);
    console.warn(missing);
  });
}
