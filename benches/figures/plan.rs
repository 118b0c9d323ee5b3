//! What was asked for on the command line.

use super::house::Ground;

pub const SCENES: &[&str] =
    &["noise", "fanout", "burst", "memory", "logout", "crowd", "delivery", "alone", "check", "bulk"];

const USAGE: &str = "usage: cargo bench -- [SCENE...] [--quick] [--sqlite] [--binary FILE]";

pub enum Asked {
    /// This process is another one's load or limit.
    Role(String),
    Figures(Plan),
}

/// Which figures, and how large.
#[derive(Default)]
pub struct Plan {
    scenes: Vec<String>,
    pub quick: bool,
    sqlite: bool,
    /// Another server than the one that was built with this program.
    pub binary: Option<String>,
}

impl Plan {
    /// The scene was named, or none was.
    pub fn wants(&self, scene: &str) -> bool {
        self.scenes.is_empty() || self.scenes.iter().any(|named| named == scene)
    }

    /// The full size, or the small one.
    pub fn size<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    pub fn ground(&self) -> Ground {
        if self.sqlite { Ground::Sqlite } else { Ground::Postgres }
    }

    pub fn binary(&self) -> &str {
        self.binary.as_deref().unwrap_or(env!("CARGO_BIN_EXE_rollcall"))
    }
}

pub fn asked() -> Asked {
    let mut words = std::env::args().skip(1);
    let mut plan = Plan::default();
    while let Some(word) = words.next() {
        match word.as_str() {
            // cargo says it to every benchmark.
            "--bench" => {}
            "--role" => return Asked::Role(words.next().expect(USAGE)),
            "--quick" => plan.quick = true,
            "--sqlite" => plan.sqlite = true,
            "--binary" => plan.binary = Some(words.next().expect(USAGE)),
            scene if SCENES.contains(&scene) => plan.scenes.push(word),
            other => panic!("no figure is called {other:?}, only {}; {USAGE}", SCENES.join(", ")),
        }
    }
    Asked::Figures(plan)
}
