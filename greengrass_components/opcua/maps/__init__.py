"""Node maps. A package, so that an artifact cut along the imports carries them."""
