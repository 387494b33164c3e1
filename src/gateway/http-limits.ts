/** Options of the HTTP server that the doors are attached to: small headers, and no patience with slow ones. */
export const HTTP_SERVER_LIMITS = {
	maxHeaderSize: 8_192,
	headersTimeout: 10_000,
	requestTimeout: 15_000,
	keepAliveTimeout: 5_000,
	connectionsCheckingInterval: 2_000,
} as const;

/** Set on the server itself. */
export const MAX_HEADERS = 100;
