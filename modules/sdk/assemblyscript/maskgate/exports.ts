// What a module exports beside its memory. `build-module` compiles this file together with the module's own.
export { mg_alloc, mg_configure, mg_error, mg_transform } from "maskgate/abi";
