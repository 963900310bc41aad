"""Part programs, parameters, offsets and macros of controls, and the gate through which they may be written."""
