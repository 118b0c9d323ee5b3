//! Relay connections over the pages of `primitives::page`: one generic type, named after what it lists
//! (`MemberConnection`, `MemberEdge`).
//!
//! Never counts unless `totalCount` is asked for, and then once.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::{Object, OutputType, SimpleObject, TypeName};
use futures_util::future::BoxFuture;
use tokio::sync::OnceCell;

use super::errors::TopLevelError;
use crate::primitives::cursor::PageCursor;
use crate::primitives::page::{Page, PageArguments, PageRequest};

/// Counts all that a list holds, whatever page of it was asked for.
type Count = Box<dyn Fn() -> BoxFuture<'static, async_graphql::Result<u64>> + Send + Sync>;

/// One page of a list, and how to get the next.
pub struct Connection<N> {
    edges: Vec<Edge<N>>,
    has_next: bool,
    has_previous: bool,
    count: Count,
    counted: OnceCell<i64>,
}

/// An entry of a list, and its place in it.
pub struct Edge<N> {
    cursor: PageCursor,
    node: N,
}

/// Where a page stands in its list.
#[derive(SimpleObject)]
pub struct PageInfo {
    /// Is there more before this page? Told for sure when paging backwards.
    has_previous_page: bool,
    /// Is there more after this page? Told for sure when paging forwards.
    has_next_page: bool,
    /// Cursor of the first entry, for `before`.
    start_cursor: Option<String>,
    /// Cursor of the last entry, for `after`.
    end_cursor: Option<String>,
}

impl<N> Connection<N> {
    /// A page with the place of each row. `count` is called when `totalCount` is asked for.
    pub fn new<F>(page: Page<(PageCursor, N)>, count: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = async_graphql::Result<u64>> + Send + 'static,
    {
        let page = page.map(|(cursor, node)| Edge { cursor, node });
        Self {
            edges: page.rows,
            has_next: page.has_next,
            has_previous: page.has_previous,
            count: Box::new(move || Box::pin(count())),
            counted: OnceCell::new(),
        }
    }
}

impl<N> Edge<N> {
    pub const fn new(cursor: PageCursor, node: N) -> Self {
        Self { cursor, node }
    }
}

/// Most pages within rows of another page in one request.
const NESTED_PAGES_MAX: usize = 100;

/// Counts the pages that a request takes within rows of another page: each costs a statement, which no count of fields
/// bounds.
#[derive(Default)]
pub struct NestedPages(AtomicUsize);

impl NestedPages {
    /// One more, of this field.
    pub fn take(&self, field: &str) -> Result<(), TopLevelError> {
        if self.0.fetch_add(1, Ordering::Relaxed) < NESTED_PAGES_MAX {
            return Ok(());
        }
        let message = format!(
            "at most {NESTED_PAGES_MAX} times in one request; ask for fewer rows, or without aliases"
        );
        Err(TopLevelError::bad_input(field, &message))
    }
}

/// Checks the arguments of a connection whose list is in the order named `order`.
pub fn page_request(arguments: &PageArguments<'_>, order: &str) -> Result<PageRequest, TopLevelError> {
    PageRequest::new(arguments, order).map_err(|error| TopLevelError::bad_input(error.field, &error.message))
}

impl<N: OutputType> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// One page of a list, and how to get the next.
#[Object(name_type)]
impl<N: OutputType> Connection<N> {
    /// The entries of this page, each with its cursor.
    async fn edges(&self) -> &[Edge<N>] {
        &self.edges
    }

    /// The entries of this page, without their cursors.
    async fn nodes(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where this page stands in its list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.edges.first().map(|edge| edge.cursor.encode()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.encode()),
        }
    }

    /// How many entries the whole list has. Counted only when asked for.
    async fn total_count(&self) -> async_graphql::Result<i64> {
        let count = async || Ok(i64::try_from((self.count)().await?).unwrap_or(i64::MAX));
        self.counted.get_or_try_init(count).await.copied()
    }
}

/// An entry of a list, and its place in it.
#[Object(name_type)]
impl<N: OutputType> Edge<N> {
    /// The place of the entry, for `after` and `before`.
    async fn cursor(&self) -> String {
        self.cursor.encode()
    }

    /// The entry.
    async fn node(&self) -> &N {
        &self.node
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_graphql::{Context, EmptyMutation, EmptySubscription, Schema};
    use serde_json::json;

    use super::*;
    use crate::primitives::cursor::Key;

    /// Something to list.
    #[derive(SimpleObject)]
    struct Fruit {
        /// What it is called.
        name: &'static str,
    }

    /// A list of three.
    struct Query;

    fn cursor(at: usize) -> PageCursor {
        PageCursor { order: "NAME".into(), key: Key::Text(at.to_string()), id: uuid::Uuid::from_u128(1) }
    }

    #[Object]
    impl Query {
        /// Fruits by name.
        async fn fruits(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "How many, from the start.")] first: Option<i32>,
            #[graphql(desc = "Where to go on.")] after: Option<String>,
        ) -> async_graphql::Result<Connection<Fruit>> {
            let arguments = PageArguments { first, after: after.as_deref(), ..PageArguments::default() };
            let request = page_request(&arguments, "NAME")?;
            let counted = Arc::clone(context.data_unchecked::<Arc<AtomicUsize>>());
            let rows = ["apple", "fig", "pear"].into_iter().map(|name| Fruit { name }).enumerate();
            let rows =
                rows.take(usize::try_from(request.fetch())?).map(|(at, fruit)| (cursor(at), fruit)).collect();
            Ok(Connection::new(request.page(rows), move || {
                counted.fetch_add(1, Ordering::SeqCst);
                async { Ok(3) }
            }))
        }
    }

    async fn ask(query: &str) -> (serde_json::Value, usize) {
        let counted = Arc::new(AtomicUsize::new(0));
        let schema =
            Schema::build(Query, EmptyMutation, EmptySubscription).data(Arc::clone(&counted)).finish();
        let response = schema.execute(query).await;
        (serde_json::to_value(response).expect("JSON"), counted.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_connection_is_what_relay_expects_and_is_named_after_its_nodes() {
        let fields = "__typename edges { __typename cursor node { name } } nodes { name } \
                      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
        let (answer, counted) = ask(&format!("{{ fruits(first: 1) {{ {fields} }} }}")).await;
        let place = cursor(0).encode();
        assert_eq!(
            answer["data"]["fruits"],
            json!({
                "__typename": "FruitConnection",
                "edges": [{ "__typename": "FruitEdge", "cursor": place, "node": { "name": "apple" } }],
                "nodes": [{ "name": "apple" }],
                "pageInfo": {
                    "hasNextPage": true, "hasPreviousPage": false, "startCursor": place, "endCursor": place,
                },
            })
        );
        assert_eq!(counted, 0);
    }

    #[tokio::test]
    async fn the_total_is_counted_once_and_only_when_asked_for() {
        let (answer, counted) = ask("{ fruits { a: totalCount b: totalCount } }").await;
        assert_eq!((&answer["data"]["fruits"], counted), (&json!({ "a": 3, "b": 3 }), 1));
    }

    #[tokio::test]
    async fn a_bad_argument_is_refused_by_name() {
        let (answer, _) = ask("{ fruits(first: 101) { totalCount } }").await;
        assert_eq!(answer["errors"][0]["message"], "first: must be from 1 to 100");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        let (answer, _) = ask("{ fruits(after: \"x\") { totalCount } }").await;
        assert!(
            answer["errors"][0]["message"]
                .as_str()
                .is_some_and(|text| text.starts_with("after: not a cursor"))
        );
    }
}
