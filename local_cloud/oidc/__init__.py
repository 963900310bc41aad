"""Sign-in of the local cloud: what Cognito managed login is in AWS, on the user pool behind the door."""
