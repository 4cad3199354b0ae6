// zxing compiled to WebAssembly, for browsers whose own detector doesn't read QR codes. Loaded when the camera opens.

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

window.rentalScanCamera = async (wasmUrl) => {
  await prepareZXingModule({ overrides: { locateFile: () => wasmUrl }, fireImmediately: true });
  return async (image) => {
    const found = await readBarcodes(image, { formats: ["QRCode"], maxNumberOfSymbols: 1, tryHarder: true });
    return found.length && found[0].isValid ? found[0].text : "";
  };
};
