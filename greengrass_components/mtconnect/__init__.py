"""MTConnect: agents read over HTTP, streamed where they can, with nothing lost that they still hold."""
