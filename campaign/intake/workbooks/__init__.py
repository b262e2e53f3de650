"""Workbooks (.xlsx, .xls, .xlsb, .ods): every sheet is read as a table of its own; see README.md."""

from campaign.intake.workbooks.sheets import OLE_BEGINS, Sheet, is_office_document, sheets

__all__ = ["OLE_BEGINS", "Sheet", "is_office_document", "sheets"]
