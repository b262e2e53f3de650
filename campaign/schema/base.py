"""What all table modules share: the metadata with its naming rule, and short names for common columns."""

from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def identity(*, primary_key: bool = True) -> Column[int]:
    """A number of the row that no other has; with primary_key=False the table says itself what its key is."""
    return Column("id", BigInteger, Identity(always=True), primary_key=primary_key, nullable=False)


def reference(name: str, target: str, **options: Any) -> Column[int]:
    """A foreign key to `target`.id, required unless nullable=True, removed with its owner if cascade=True."""
    cascade = "CASCADE" if options.pop("cascade", False) else None
    options.setdefault("nullable", False)
    return Column(name, BigInteger, ForeignKey(f"{target}.id", ondelete=cascade), **options)


def moment(name: str, **options: Any) -> Column[Any]:
    """An aware moment, stored in UTC."""
    options.setdefault("nullable", False)
    return Column(name, DateTime(timezone=True), **options)
