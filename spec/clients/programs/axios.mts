import axios from 'axios';
import { withBreaker } from 'breaker-box';
const get = withBreaker((url: string) => axios.get(url), { name: 'x' });
console.log(JSON.stringify({ refused: await get('http://127.0.0.1:1/').then(() => null, (e: { code: string }) => e.code), state: get.breaker?.state }));
