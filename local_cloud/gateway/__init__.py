"""One origin for people: CloudFront behaviours, HTTP API, WebSocket API and the OIDC front of the local cloud."""
