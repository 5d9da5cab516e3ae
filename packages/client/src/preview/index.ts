export {
  createPreviewer,
  type Preview,
  type PreviewedOffer,
  type Previewer,
  type PreviewerOptions,
} from './previewer.js';
