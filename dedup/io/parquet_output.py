"""Records out as Parquet: tables as they stand, or columns of the one type that fits all values."""

from __future__ import annotations

from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
from pyarrow import parquet

from dedup.errors import ParameterError
from dedup.io.batches import in_portions, to_utf8
from dedup.io.kinds import Kind, Many, Named, check_columns, join, kind_of
from dedup.io.marks import MARK_FIELDS
from dedup.io.values import as_json, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from dedup.io.marks import Mark
    from dedup.io.parquet import ParquetReader
    from dedup.io.parts import Part
    from dedup.io.reader import Reader

_SCALARS = {
    "nothing": pa.string(),
    "text": pa.string(),
    "bool": pa.bool_(),
    "int": pa.int64(),
    "long": pa.int64(),
    "float": pa.float64(),
}
_MARKS = tuple(
    zip(
        MARK_FIELDS,
        (pa.string(), pa.bool_(), pa.string(), pa.string(), *(pa.float64(),) * 3, pa.bool_()),
        strict=True,
    )
)
#: Bytes of a row group.
_GROUP_BYTES = 32 << 20


def common_schema(readers: Sequence[Reader]) -> pa.Schema:
    """One schema for the rows of several inputs, with the columns of each.

    Raises
    ------
    ParameterError
        If a column has two types.
    """
    first, *others = _tables(readers)
    found = first.schema
    for other in others:
        if other.schema.equals(found):
            continue
        try:
            found = pa.unify_schemas([_without_demands(found), _without_demands(other.schema)])
        except pa.ArrowException as error:
            raise ParameterError(
                f"{other.name} has a column of another type than {first.name} ({error}); write to a "
                "directory, which gets a file for each input, or to JSON lines"
            ) from error
    return found


def _without_demands(schema: pa.Schema) -> pa.Schema:
    """Schema whose columns may be absent from another input."""
    return pa.schema([field.with_nullable(True) for field in schema], metadata=schema.metadata)


def _tables(readers: Sequence[Reader]) -> list[ParquetReader]:
    return [cast("ParquetReader", reader) for reader in readers]


def write_parquet(parts: Sequence[Part], output: BinaryIO) -> None:
    """Write a table: rows of Parquet as they stand, with their types; other records by the kinds of their values."""
    if all(part.format == "parquet" for part in parts):
        _write_tables(parts, output)
    else:
        _write_records(parts, output)


def _write_tables(parts: Sequence[Part], output: BinaryIO) -> None:
    """Write rows of tables, a row group at a time."""
    readers = [part.reader for part in parts]
    schema = common_schema(readers)
    tables = _tables(readers)
    marked = any(part.marker is not None for part in parts)
    written = _with_marks(schema) if marked else schema
    fields = pa.schema(list(written)[: -len(_MARKS)]) if marked else schema
    with parquet.ParquetWriter(output, written, compression=_codec(tables[0])) as writer:
        for part, reader in zip(parts, tables, strict=True):
            marks = part.marks()
            fitted = (_fitted(table, fields) for table in reader.tables_again(part.starts))
            for portion in in_portions(fitted, _GROUP_BYTES, attrgetter("nbytes")):
                rows = pa.concat_tables(portion)
                columns = _mark_columns(marks, len(rows)) if marked else []
                writer.write_table(pa.Table.from_arrays([*rows.columns, *columns], schema=written))


def _with_marks(schema: pa.Schema) -> pa.Schema:
    """Schema with the columns of marks behind the others, in the place of earlier ones."""
    fields = [field for field in schema if field.name not in MARK_FIELDS]
    return pa.schema([*fields, *_MARKS], metadata=schema.metadata)


def _fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Table with the columns of a schema; nothing stands in those that it has not."""
    if table.schema.equals(schema):
        return table
    have = set(table.column_names)
    columns = [
        table.column(field.name).cast(field.type) if field.name in have else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _codec(reader: ParquetReader) -> str:
    """Compression of the columns of an input, as a writer calls it."""
    return {"UNCOMPRESSED": "NONE", "LZ4_RAW": "LZ4"}.get(reader.codec, reader.codec)


def _write_records(parts: Sequence[Part], output: BinaryIO) -> None:
    """Write records of any format, which are read twice: for what types there are, and for themselves."""
    kinds = _kinds(parts)
    schema = pa.schema([(_name(name), _type(kind)) for name, kind in kinds.items()])
    if parts[0].marker is not None:
        schema = _with_marks(schema)
    with parquet.ParquetWriter(output, schema) as writer:
        for part in parts:
            marks = part.marks()
            for records in in_portions(map(as_json, part.records()), _GROUP_BYTES, _size):
                columns = [_column(records, name, kind) for name, kind in kinds.items()]
                if part.marker is not None:
                    columns += _mark_columns(marks, len(records))
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _kinds(parts: Sequence[Part]) -> dict[str, Kind]:
    """Kind of each column, in the order in which records have them."""
    kinds: dict[str, Kind] = {}
    for part in parts:
        for record in part.records():
            for name, value in record.items():
                kinds[name] = join(kinds.get(name, "nothing"), kind_of(as_json(value)))
            check_columns(len(kinds))
    return kinds


def _type(kind: Kind) -> pa.DataType:
    """Type of a column of a kind."""
    if isinstance(kind, Many):
        return pa.list_(_type(kind.of))
    if isinstance(kind, Named):
        return pa.struct([(_name(name), _type(inner)) for name, inner in kind.members.items()])
    return _SCALARS[kind]


def _column(records: Sequence[dict[str, Any]], name: str, kind: Kind) -> pa.Array:
    return pa.array([_fit(record.get(name), kind) for record in records], _type(kind))


def _fit(value: Any, kind: Kind) -> Any:  # noqa: ANN401 - any JSON value
    """Value as a column of a kind has it."""
    if value is None:
        return None
    if kind == "text":
        return _clean(as_text(value))
    if isinstance(kind, Many):
        return [_fit(inner, kind.of) for inner in value]
    if isinstance(kind, Named):
        return {_name(name): _fit(value.get(name), inner) for name, inner in kind.members.items()}
    return value


def _clean(text: str) -> str:
    """Text that can be encoded: lone surrogates are replaced."""
    return text if text.isascii() else to_utf8(text)[0].decode()


def _name(name: str) -> str:
    """Name of a column, which must be told apart from others."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def _size(record: dict[str, Any]) -> int:
    """About how much memory a record takes."""
    return sum(len(value) if isinstance(value, str) else 64 for value in record.values())


def _mark_columns(marks: Iterator[Mark | None], count: int) -> list[pa.Array]:
    """Columns of the next marks."""
    columns = (
        zip(*(mark for mark in islice(marks, count) if mark), strict=True) if count else [()] * len(_MARKS)
    )
    return [
        pa.array([_clean(value) if isinstance(value, str) else value for value in column], form)
        for column, (_, form) in zip(columns, _MARKS, strict=True)
    ]
