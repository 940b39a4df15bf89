import { answersForMethods } from './shared/fallback';

describe('@Fallback, as a TC39 decorator', answersForMethods);
