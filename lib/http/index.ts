export { httpErrorOf, type HttpError, type HttpErrorBody } from './http-error';
