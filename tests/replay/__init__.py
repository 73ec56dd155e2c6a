"""A real archive for the tests to talk to: pywb on the sample archive, in the Wayback Machine's dialect."""
