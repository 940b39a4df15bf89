import { specOf } from './support/client-spec';

specOf('undici');
