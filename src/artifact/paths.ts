// The files of an artifact, by their paths in its folder.

export const manifestPath = "manifest.json";
export const tablesPath = "tables.safetensors";
export const itemsPath = "items.ids";
export const usersPath = "users.ids";
export const historiesPath = "histories.bin";
export const orderPath = "order.bin";
export const onnxPath = "model.onnx";
export const columnsPath = "columns.json";
