//! Connections: how many, how long a head, and what becomes of a client that takes nothing.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::support::app::{DEADLINE, Server, Stage};
use crate::support::socket::Socket;

const ALIVE: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

/// Connects from an address of this machine and asks; the status.
async fn ask(server: &Server, from: &str, request: &str) -> (TcpStream, u16) {
    let socket = TcpSocket::new_v4().expect("a socket");
    let from: SocketAddr = format!("{from}:0").parse().expect("an address");
    socket.bind(from).expect("all of 127/8 is this machine");
    let mut stream = socket.connect(server.address).await.expect("it listens");
    // Where it is refused, the connection may be closed before all was sent.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut head = [0; 12];
    timeout(DEADLINE, stream.read_exact(&mut head)).await.expect("in time").expect("an answer");
    let status = std::str::from_utf8(&head[9..]).expect("text").parse().expect("a status");
    (stream, status)
}

/// Asks until it is let in: a place is given back a moment after its connection is closed.
async fn ask_until_let_in(server: &Server, from: &str) -> TcpStream {
    let let_in = async {
        loop {
            let (stream, status) = ask(server, from, ALIVE).await;
            if status == 200 {
                return stream;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(DEADLINE, let_in).await.expect("there is a place again")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_bounded_all_together_and_from_one_network() {
    let mut stage = Stage::sqlite().await;
    stage.config.request_limits.connections_max = 6;
    stage.config.request_limits.connections_per_network_max = Some(4);
    let at = stage.start_server().await;
    let server = &stage.servers[at];
    // A socket is a connection, also once it is no longer HTTP's.
    let socket = Socket::connect(server).await;
    let mut idle = Vec::new();
    for _ in 0..3 {
        let (stream, status) = ask(server, "127.0.0.1", ALIVE).await;
        assert_eq!(status, 200);
        idle.push(stream);
    }
    let (mut refused, status) = ask(server, "127.0.0.1", ALIVE).await;
    assert_eq!(status, 503, "one network has its share");
    let mut rest = String::new();
    timeout(DEADLINE, refused.read_to_string(&mut rest)).await.expect("it is closed").expect("text");
    assert!(
        rest.contains("retry-after: 5") && rest.ends_with("too many connections; try again in a moment"),
        "{rest}"
    );
    for _ in 0..2 {
        let (stream, status) = ask(server, "127.0.0.2", ALIVE).await;
        assert_eq!(status, 200, "others get in");
        idle.push(stream);
    }
    assert_eq!(ask(server, "127.0.0.3", ALIVE).await.1, 503, "all are taken");
    idle.truncate(3);
    idle.push(ask_until_let_in(server, "127.0.0.3").await);
    drop(socket);
    idle.push(ask_until_let_in(server, "127.0.0.1").await);
    stage.close().await;
}

#[tokio::test]
async fn the_head_of_a_request_is_bounded() {
    let stage = Stage::sqlite().await;
    let head = |bytes: usize| format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {}", "x".repeat(bytes));
    assert_eq!(ask(stage.here(), "127.0.0.1", &format!("{}\r\n\r\n", head(24 * 1024))).await.1, 200);
    // What is left to come isn't waited for.
    assert_eq!(ask(stage.here(), "127.0.0.1", &head(40 * 1024)).await.1, 431);
    stage.close().await;
}

/// Whoever asks and asks and reads nothing is dropped with all that waits for them, whatever they ask for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_takes_nothing_of_an_answer_is_dropped() {
    let stage = Stage::sqlite_with(|config| config.request_limits.answer_stall_seconds = 1).await;
    let asked = "GET /graphiql/page.js HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100);
    let mut stream = TcpStream::connect(stage.here().address).await.expect("it listens");
    let dropped = async { while stream.write_all(asked.as_bytes()).await.is_ok() {} };
    timeout(DEADLINE, dropped).await.expect("the server hangs up");
    // Whoever reads slowly, but reads, is served to the end.
    let (mut slow, status) = ask(stage.here(), "127.0.0.1", &asked).await;
    assert_eq!(status, 200);
    slow.shutdown().await.expect("nothing more is asked");
    let mut read = 0;
    let mut piece = vec![0; 16 * 1024];
    loop {
        match timeout(DEADLINE, slow.read(&mut piece)).await.expect("in time").expect("whole") {
            0 => break,
            bytes => read += bytes,
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    assert!(read > 100 * 4000, "{read}");
    stage.close().await;
}
