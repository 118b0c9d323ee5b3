//! Rows for one table, written by the hundred. Never takes what a stranger typed.

use std::fmt::Write;

use uuid::Uuid;

use super::house::{Ground, House};

const ROWS_AT_ONCE: usize = 500;

/// A value before it is known for which database.
enum Value {
    Bytes(Vec<u8>),
    Id(Uuid),
    Text(String),
    Number(i64),
    No,
}

pub struct Rows {
    table: &'static str,
    rows: Vec<Vec<Value>>,
    row: Vec<Value>,
}

impl Rows {
    /// Of a table with its columns, in the order in which values come.
    pub const fn new(table: &'static str) -> Self {
        Self { table, rows: Vec::new(), row: Vec::new() }
    }

    pub fn id(&mut self, id: Uuid) -> &mut Self {
        self.row.push(Value::Id(id));
        self
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.row.push(Value::Bytes(bytes.to_vec()));
        self
    }

    pub fn texts(&mut self, texts: &[&str]) -> &mut Self {
        self.row.extend(texts.iter().map(|text| Value::Text((*text).to_owned())));
        self
    }

    pub fn numbers(&mut self, numbers: &[i64]) -> &mut Self {
        self.row.extend(numbers.iter().copied().map(Value::Number));
        self
    }

    pub fn no(&mut self) -> &mut Self {
        self.row.push(Value::No);
        self
    }

    pub fn end(&mut self) {
        self.rows.push(std::mem::take(&mut self.row));
    }

    pub async fn insert(self, house: &House) {
        for some in self.rows.chunks(ROWS_AT_ONCE) {
            let mut sql = format!("INSERT INTO {} VALUES ", self.table);
            for (at, row) in some.iter().enumerate() {
                sql.push_str(if at == 0 { "(" } else { "), (" });
                for (at, value) in row.iter().enumerate() {
                    sql.push_str(if at == 0 { "" } else { ", " });
                    sql.push_str(&value.literal(house.ground));
                }
            }
            sql.push(')');
            house.execute(&sql).await;
        }
    }
}

impl Value {
    fn literal(&self, ground: Ground) -> String {
        match (self, ground) {
            (Self::Bytes(bytes), Ground::Postgres) => format!(r"'\x{}'", hexadecimal(bytes)),
            (Self::Bytes(bytes), Ground::Sqlite) => format!("x'{}'", hexadecimal(bytes)),
            (Self::Id(id), Ground::Postgres) => format!("'{id}'"),
            (Self::Id(id), Ground::Sqlite) => format!("x'{}'", id.simple()),
            (Self::Text(text), _) => format!("'{text}'"),
            (Self::Number(number), _) => number.to_string(),
            (Self::No, _) => "FALSE".into(),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a text takes all");
        text
    })
}
