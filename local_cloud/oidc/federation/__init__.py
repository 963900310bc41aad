"""Sign-in at a company's own provider: what Cognito does as relying party (OIDC) and service provider (SAML)."""
