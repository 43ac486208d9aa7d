//! What is done when a journal is opened: read everything, check everything, cut an unfinished batch at the very
//! end, and refuse all other damage without touching it.

use super::*;

/// What the folder holds.
pub(super) struct Found {
    pub segments: Vec<Segment>,
    pub next_seq: u64,
    pub chain: Hash32,
    pub tail_len: u64,
    pub torn: Option<TornTail>,
}

/// The file name of the segment whose first entry is `first_seq`.
pub(super) fn segment_name(first_seq: u64) -> String {
    format!("{first_seq:020}.seg")
}

pub(super) fn recover(dir: &Path, id: &JournalId, sync: &Syncer) -> Result<Found, JournalError> {
    let mut found = Found { segments: Vec::new(), next_seq: 0, chain: chain_start(id), tail_len: 0, torn: None };
    let paths = segment_paths(dir)?;
    for (at, path) in paths.iter().enumerate() {
        let last = at + 1 == paths.len();
        let expected = found.next_seq;
        if path.file_name().is_none_or(|name| name != segment_name(expected).as_str()) {
            return Err(JournalError::Gap { path: path.clone(), expected });
        }
        let bytes = fs::read(path).map_err(JournalError::io("read", path))?;
        let corrupt = |offset: usize, what| JournalError::Corrupt { path: path.clone(), offset: offset as u64, what };
        match Header::decode(&bytes) {
            None => return Err(corrupt(0, "the header is not intact")),
            Some(header) if header != Header::new(id, expected, found.chain) => {
                return Err(corrupt(0, "the header is of another journal, or of another history of this one"));
            }
            Some(_) => {}
        }
        let scan = scan(&bytes, expected, found.chain).map_err(|(offset, what)| corrupt(offset, what))?;
        if let Some(broken) = scan.broken {
            if !last {
                return Err(corrupt(broken, "an entry is broken, and later segments follow"));
            }
            if Frame::find_later(&bytes[broken..], scan.next_seq).is_some() {
                return Err(corrupt(broken, "an entry is broken, and entries that were synced later follow"));
            }
        }
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(JournalError::io("open", path))?;
        if scan.broken.is_some() {
            found.torn = Some(cut(path, &file, &bytes, scan.whole)?);
        }
        if last {
            // What was written but perhaps not synced before the end is taken for good from now on.
            (sync.0)(&file).map_err(JournalError::io("sync", path))?;
            durable::sync_dir(dir)?;
        }
        found.next_seq = scan.next_seq;
        found.chain = scan.chain;
        found.tail_len = scan.whole as u64;
        found.segments.push(Segment { first_seq: expected, path: path.clone().into(), file: Arc::new(file), places: scan.places });
    }
    Ok(found)
}

/// The segment files of a folder, in order.
fn segment_paths(dir: &Path) -> Result<Vec<PathBuf>, JournalError> {
    let mut paths = Vec::new();
    for file in fs::read_dir(dir).map_err(JournalError::io("list", dir))? {
        let path = file.map_err(JournalError::io("list", dir))?.path();
        if path.extension().is_some_and(|extension| extension == "seg") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// The whole batches of one segment.
struct Scan {
    places: Vec<Place>,
    next_seq: u64,
    chain: Hash32,
    /// The length up to the last whole batch.
    whole: usize,
    /// Where the first frame stands that is broken or missing, if the file does not end with a whole batch.
    broken: Option<usize>,
}

/// Reads the frames after the header. An intact frame that is not the next one is damage, wherever it stands.
fn scan(bytes: &[u8], first_seq: u64, chain: Hash32) -> Result<Scan, (usize, &'static str)> {
    let mut scan = Scan { places: Vec::new(), next_seq: first_seq, chain, whole: HEADER_LEN, broken: None };
    let mut batch = Vec::new();
    let mut chain = chain;
    let mut at = HEADER_LEN;
    while at < bytes.len() {
        let Some(frame) = Frame::decode(&bytes[at..]) else {
            break;
        };
        if frame.seq != scan.next_seq + batch.len() as u64 || frame.batch != scan.next_seq {
            return Err((at, "an entry is out of order"));
        }
        chain = chain_next(chain, frame.entry);
        if frame.chain != chain {
            return Err((at, "an entry does not continue the chain of hashes"));
        }
        let offset = u32::try_from(at).map_err(|_| (at, "the segment is longer than any that is written"))?;
        // A frame that decodes has an entry of at most 65,535 bytes.
        batch.push(Place { offset, entry_len: frame.entry.len() as u16 });
        at += frame.len();
        if frame.position == Position::Last {
            scan.next_seq += batch.len() as u64;
            scan.places.append(&mut batch);
            scan.chain = chain;
            scan.whole = at;
        }
    }
    scan.broken = (scan.whole < bytes.len()).then_some(at);
    Ok(scan)
}

/// Keeps what lies after `whole` in a file of its own, then cuts it from the segment.
fn cut(path: &Path, file: &File, bytes: &[u8], whole: usize) -> Result<TornTail, JournalError> {
    let kept_in = (1_u32..)
        .map(|n| {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".torn-{n}"));
            PathBuf::from(name)
        })
        .find(|path| !path.exists())
        .unwrap_or_else(|| path.with_extension("torn"));
    let rest = &bytes[whole..];
    durable::replace(&kept_in, rest)?;
    durable::sync_dir(durable::parent(path))?;
    file.set_len(whole as u64).and_then(|()| file.sync_all()).map_err(JournalError::io("cut an unfinished batch from", path))?;
    Ok(TornTail { segment: path.to_owned(), offset: whole as u64, cut_bytes: rest.len() as u64, kept_in })
}
