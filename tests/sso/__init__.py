"""Sign-in through a company's own provider."""
