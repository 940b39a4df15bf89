import { specOf } from './support/client-spec';

specOf('connect');
