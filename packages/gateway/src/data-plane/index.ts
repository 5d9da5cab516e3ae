export { type GatewayAnswer, problemAnswer } from './answer.js';
export { type CallRequest, CallResponse } from './call-response.js';
export { createCallerAddressReader } from './caller-address.js';
export { createDataPlane, type DataPlaneObserver, type DataPlaneParts, type RequestHandler } from './data-plane.js';
export { HeldBodies } from './held-bodies.js';
export { LiveCalls } from './live-calls.js';
export { digestTimeMs } from './request-body.js';
export type { CallBounds, UpstreamCall } from './upstream-call.js';
