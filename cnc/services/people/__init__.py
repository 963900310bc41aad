"""Companies and who works in them: sign-up, invitations, roles by site, access for a time, and the end of all that."""
