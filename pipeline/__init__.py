"""Building: ingest, localize, edit, verify and export as plain functions, a Prefect flow, the command line."""
