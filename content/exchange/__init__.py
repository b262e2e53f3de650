"""Files in which translators take texts along: PO and XLIFF."""
