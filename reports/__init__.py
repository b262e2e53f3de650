"""Facts and documents: values in, values or bytes out. No web, no database, no network."""
