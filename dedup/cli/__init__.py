"""The command line: options, one call of the library, echo."""
