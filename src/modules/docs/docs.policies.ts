const base = "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/** Content-Security-Policy of /docs: Swagger UI's style sheet has its icons as data: URLs. */
export const swaggerUiPolicy = `${base}; img-src 'self' data:`;

// ReDoc makes two style elements at run time, and these hashes allow no other: an empty one that it fills through the
// CSSOM, and that of its scroll bar. They belong to the pinned version; the browser test fails when they change.
const redocStyles = [
  "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
  "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
];

/** Content-Security-Policy of /redoc: its search runs in a worker that it makes from a blob. */
export const redocPolicy = `${base}; img-src 'self' data:; style-src 'self' ${redocStyles.join(' ')}; worker-src 'self' blob:`;
