/** Whether the program says that it runs in production. Looked up each time: programs set it after their imports too. */
export function isProduction(): boolean {
  const { process } = globalThis as { process?: { env?: { NODE_ENV?: string } } };
  return process?.env?.NODE_ENV === 'production';
}
