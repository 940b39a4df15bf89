import { specOf } from './support/client-spec';

specOf('node-fetch');
