"""A local archive for the tests: pywb with the sample archive, behind a proxy that answers like the Wayback Machine."""
