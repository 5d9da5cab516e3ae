export { type GatewayAnswer, problemAnswer } from './answer.js';
export { type CallRequest, CallResponse } from './call-response.js';
export type { CallBounds } from './call-surroundings.js';
export { createCallerAddressReader } from './caller-address.js';
export { createDataPlane, type DataPlaneObserver, type DataPlaneParts, type RequestHandler } from './data-plane.js';
export { HeldBodies } from './held-bodies.js';
export { LiveCalls } from './live-calls.js';
export { digestTimeMs } from './request-body.js';
export type { UpstreamCall } from './upstream-call.js';
