// Hands a file over in pieces, each one sent only after the server has said that it holds all
// before it. Neither side ever holds more than one piece: see ui/imports/upload.py.

const PIECE = 2 * 1024 * 1024; // bytes
const PATIENCE = 15000; // ms without an answer, after which the piece is sent again

const uploads = new WeakMap(); // by the element that the component is mounted in

export default function (component) {
  const { parentElement, data } = component;
  const first = !uploads.has(parentElement);
  if (first) {
    uploads.set(parentElement, {});
  }
  const upload = uploads.get(parentElement);
  upload.component = component;
  upload.part = (selector) => parentElement.querySelector(selector);
  const input = upload.part("input");
  input.onchange = () => begin(upload, input.files[0]);
  if (first && input.files.length > 0) {
    begin(upload, input.files[0]); // chosen before this script was there
  } else if (data.name !== null) {
    follow(upload, data);
  }
  return () => clearTimeout(upload.timer);
}

function follow(upload, data) {
  const whole = data.received === data.size;
  if (upload.file === undefined ? whole : data.id === upload.id) {
    clearTimeout(upload.timer);
    upload.received = data.received;
    show(upload, data);
    if (!whole && data.problem === null) {
      send(upload);
    }
  }
}

function begin(upload, file) {
  if (file === undefined) {
    return;
  }
  upload.file = file;
  upload.id = `${Date.now()}-${Math.random()}`;
  upload.received = 0;
  show(upload, { name: file.name, size: file.size, received: 0, problem: null });
  send(upload);
}

async function send(upload) {
  const { file, id, received } = upload;
  clearTimeout(upload.timer);
  upload.timer = setTimeout(() => send(upload), PATIENCE);
  let content;
  try {
    content = await base64(file.slice(received, received + PIECE));
  } catch {
    clearTimeout(upload.timer);
    tell(upload, `${file.name} can't be read: it was moved or changed. Choose it again.`, "");
    return;
  }
  if (upload.id === id && upload.received === received) {
    const piece = { id, name: file.name, size: file.size, offset: received, content };
    upload.component.setTriggerValue("piece", piece);
  }
}

function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

function show(upload, { name, size, received, problem }) {
  const done = received === size && problem === null;
  const bar = upload.part("progress");
  bar.hidden = done || problem !== null;
  bar.value = size === 0 ? 0 : received / size;
  if (problem !== null) {
    tell(upload, problem, "");
  } else if (done) {
    tell(upload, name, `· ${megabytes(size)}`);
  } else {
    tell(upload, `Handing over ${name}:`, `${megabytes(received)} of ${megabytes(size)}`);
  }
}

function tell(upload, status, amount) {
  // Set only when it changes: screen readers read it out each time.
  const told = upload.part(".status");
  if (told.textContent !== status) {
    told.textContent = status;
  }
  upload.part(".amount").textContent = amount;
}

function megabytes(bytes) {
  return bytes < 1e5 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
