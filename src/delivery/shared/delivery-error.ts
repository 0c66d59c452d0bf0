/** Why something was not delivered: a request that failed, or what a receiver said or lacks. */
export { RequestError as DeliveryError } from '../../io/http/request-error.ts';
