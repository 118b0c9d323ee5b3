//! The limit of fan-out: a loop that writes one ready-made frame to each socket, and does nothing else.
//!
//! A process of its own. Its first connection is the control; never reads from the others after their handshake.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde::{Deserialize, Serialize};

const UPGRADED: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/// What the control asks for; each is answered with an empty line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// So many more connections are about to come.
    Accept { count: usize },
    /// The frame, so many times in one write to each socket.
    Write { frame: String, times: usize },
}

/// Serves until the control goes away.
pub fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    println!("{}", listener.local_addr().expect("it is bound"));
    let (control, _) = listener.accept().expect("the control connects");
    let mut answers = control.try_clone().expect("one for each direction");
    let mut sockets: Vec<TcpStream> = Vec::new();
    for line in BufReader::new(control).lines() {
        let Ok(line) = line else { return };
        match serde_json::from_str(&line).expect("an order") {
            Order::Accept { count } => sockets.extend((0..count).map(|_| accept(&listener))),
            Order::Write { frame, times } => {
                let bytes = super::frame::from_server(frame.as_bytes()).repeat(times);
                for socket in &mut sockets {
                    socket.write_all(&bytes).expect("the load takes it");
                }
            }
        }
        if answers.write_all(b"\n").is_err() {
            return;
        }
    }
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (mut socket, _) = listener.accept().expect("the load connects");
    socket.set_nodelay(true).expect("a TCP socket");
    let mut request = [0; 1024];
    let mut read = 0;
    while !request[..read].ends_with(b"\r\n\r\n") {
        read += socket.read(&mut request[read..]).expect("a request");
    }
    socket.write_all(UPGRADED).expect("the load takes it");
    socket
}
