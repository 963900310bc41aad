"""An MTConnect agent as a library: device model, buffer, documents and HTTP, for every component that serves one."""
