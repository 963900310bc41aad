"""Wiring that several ingest functions share; each part is a module of its own, so that none imports what it lacks."""
