//! A line that hangs: a long answer stops in its middle, and the connection stays open.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story that cannot go on fails")]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// A port of this machine whose connections go on to another.
pub struct Relay {
    port: u16,
    hanging: Arc<AtomicUsize>,
}

impl Relay {
    /// Begins one to an address. Of each answer at most so many bytes pass.
    pub fn begin(to: SocketAddr, longest: usize) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, hanging) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let counted = hanging.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if let Ok(server) = TcpStream::connect(to) {
                    connect(&client, &server, longest, &counted);
                }
            }
        });
        Relay { port, hanging }
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections hang that nobody has given up.
    pub fn hanging(&self) -> usize {
        self.hanging.load(Ordering::SeqCst)
    }
}

/// Lets bytes pass both ways, each on a thread of its own, which ends with its connection.
fn connect(client: &TcpStream, server: &TcpStream, longest: usize, hanging: &Arc<AtomicUsize>) {
    let (passed, hangs) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let (mut from, mut to, count) = (client.try_clone().unwrap(), server.try_clone().unwrap(), passed.clone());
    let (hung, fewer) = (hangs.clone(), hanging.clone());
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(read) = from.read(&mut buffer)
            && read > 0
            && to.write_all(&buffer[..read]).is_ok()
        {
            // An answer to something new.
            count.store(0, Ordering::SeqCst);
        }
        if hung.load(Ordering::SeqCst) {
            fewer.fetch_sub(1, Ordering::SeqCst);
        }
        let _ = to.shutdown(Shutdown::Both);
    });
    let (mut from, mut to, hanging) = (server.try_clone().unwrap(), client.try_clone().unwrap(), hanging.clone());
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(read) = from.read(&mut buffer)
            && read > 0
        {
            if passed.fetch_add(read, Ordering::SeqCst) + read > longest {
                hanging.fetch_add(1, Ordering::SeqCst);
                hangs.store(true, Ordering::SeqCst);
                return;
            }
            if to.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
