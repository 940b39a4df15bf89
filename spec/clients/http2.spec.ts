import { specOf } from './support/client-spec';

specOf('http2');
