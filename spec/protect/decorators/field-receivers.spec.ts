import { handsReceiversToFields } from './shared/field-receivers';

describe('a TC39 decorator', handsReceiversToFields);
