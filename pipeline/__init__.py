"""Building: ingest, localize, edit, verify and export as functions, a Prefect flow, the command line."""
