import { answersForMethods } from './shared/fallback';

describe('@Fallback, as a legacy decorator', answersForMethods);
