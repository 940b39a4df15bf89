import { specOf } from './support/client-spec';

specOf('openai');
