/** Nest token: function that gives every controller of the API, for the OpenAPI document. A function, since one of them asks. */
export const API_CONTROLLERS = Symbol.for('vedette.api.controllers');
