/** The first 32 bits of the fractional parts of the square roots of the first eight primes, and of the cube roots of the first 64. */
const [INITIAL, ROUND] = constants();

/**
 * SHA-256 of a text, in hexadecimal. Not by `node:crypto`, which edge runtimes lack, nor by `crypto.subtle`, which makes everybody wait.
 *
 * @see https://nvlpubs.nist.gov/nistpubs/FIPS/NIST.FIPS.180-4.pdf section 6.2
 */
export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const words = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / 64) * 64));
  bytes.forEach((byte, i) => words.setUint8(i, byte));
  words.setUint8(bytes.length, 0x80);
  words.setBigUint64(words.byteLength - 8, BigInt(bytes.length * 8));
  const hash = Int32Array.from(INITIAL);
  for (let at = 0; at < words.byteLength; at += 64) compress(hash, words, at);
  return [...hash].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function compress(hash: Int32Array, words: DataView, at: number): void {
  const schedule = new Int32Array(64);
  let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < 64; t++) {
    const w15 = schedule[t - 15]!;
    const w2 = schedule[t - 2]!;
    const s0 = turned(w15, 7) ^ turned(w15, 18) ^ (w15 >>> 3);
    const s1 = turned(w2, 17) ^ turned(w2, 19) ^ (w2 >>> 10);
    schedule[t] = t < 16 ? words.getInt32(at + 4 * t) : schedule[t - 16]! + s0 + schedule[t - 7]! + s1;
    const t1 = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[t]! + schedule[t]!;
    const t2 = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [a, b, c, d, e, f, g, h] = [(t1 + t2) | 0, a, b, c, (d + t1) | 0, e, f, g];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (hash[i]! += word));
}

const turned = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

function constants(): [number[], number[]] {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  const fraction = (root: number): number => ((root % 1) * 2 ** 32) | 0;
  return [primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime))), primes.map((prime) => fraction(Math.cbrt(prime)))];
}
